// The mel spectrogram of raw float32 samples, under Node: node mel_node.mjs SAMPLES.f32 MEL.f32
import { readFile, writeFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { Mel } from "./mel.mjs";

const [samplesFile, melFile] = process.argv.slice(2);
if (!melFile) {
  console.error("usage: node mel_node.mjs SAMPLES.f32 MEL.f32");
  process.exit(2);
}
const here = (name) => new URL(name, import.meta.url);
const mel = await Mel.load(ort, await readFile(here("mel.onnx")), JSON.parse(await readFile(here("mel.json"))));
const bytes = await readFile(samplesFile);
const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const { values, bands, frames } = await mel.of(samples);
await writeFile(melFile, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
console.log(`${bands} bands, ${frames} frames`);

// The page: decodes the chosen recording, transforms it and draws it. A "mel" event on the document has the numbers.
import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";
import { fetched, sayIn } from "./common.mjs";
import { Mel } from "./mel.mjs";
import { draw } from "./picture.mjs";

const LONGEST = 60; // seconds; more would be too fine to see

const [input, audio, output, canvas] = ["input", "audio", "output", "canvas"].map((name) => document.querySelector(name));
const say = sayIn(output);

let facts, mel;
try {
  facts = await (await fetched("mel.json", "make_mel.py")).json();
  mel = await Mel.load(ort, await (await fetched("mel.onnx", "make_mel.py")).arrayBuffer(), facts);
  input.disabled = false;
  say("Ready.");
} catch (error) {
  say(error.message, true);
}

// Samples at the rate of the transform, the mean of the channels.
async function decode(file) {
  const decoder = new OfflineAudioContext(1, 1, facts.sr);
  const decoded = await decoder.decodeAudioData(await file.arrayBuffer());
  const samples = new Float32Array(Math.min(decoded.length, LONGEST * facts.sr));
  for (let channel = 0; channel < decoded.numberOfChannels; channel++)
    decoded.getChannelData(channel).subarray(0, samples.length).forEach((value, i) => (samples[i] += value));
  return { samples: samples.map((value) => value / decoded.numberOfChannels), whole: decoded.duration };
}

let latest;

async function show(file) {
  say(`Transforming ${file.name} …`);
  try {
    const { samples, whole } = await decode(file);
    const started = performance.now();
    latest = await mel.of(samples);
    const milliseconds = Math.round(performance.now() - started);
    const cut = whole > LONGEST ? `the first ${LONGEST} s of ` : "";
    say(`${file.name}: ${cut}${whole.toFixed(2)} s, ${latest.frames} frames of ${latest.bands} bands in ${milliseconds} ms.`);
  } catch (error) {
    canvas.hidden = audio.hidden = true;
    say(`${file.name} cannot be shown: ${error.message || "this browser cannot decode it"}.`, true);
    return;
  }
  URL.revokeObjectURL(audio.src);
  audio.src = URL.createObjectURL(file);
  canvas.hidden = audio.hidden = false;
  draw(canvas, latest, facts);
  document.dispatchEvent(new CustomEvent("mel", { detail: latest }));
}

input.addEventListener("change", () => input.files.length && show(input.files[0]));
addEventListener("resize", () => latest && !canvas.hidden && draw(canvas, latest, facts));

// The live page: an AudioWorklet collects samples, two streams transform them, two scrolling pictures show the result.
// A "step" event on the document has the numbers of each block.
import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";
import { fetched, sayIn } from "./common.mjs";
import { note, notesOf } from "./notes.mjs";
import { Scroll } from "./scroll.mjs";
import { Steps } from "./steps.mjs";

const KINDS = { cqt: 1, mel: 2 }; // magnitudes, powers
const MOST_WAITING = 20; // blocks; further ones are left out, so that the picture does not fall behind the sound

const element = (id) => document.getElementById(id);
const [microphone, stop, said, latency, notes] = ["microphone", "stop", "said", "latency", "notes"].map(element);
const input = document.querySelector("input");
const say = sayIn(said);

// Octaves for the constant-Q picture, round frequencies for the mel picture.
function labels(kind, frequencies) {
  if (kind === "cqt")
    return frequencies.map((hz, bin) => ({ bin, text: note(hz) })).filter(({ text }, i) => i % 24 === 0);
  return [200, 500, 1000, 2000, 4000, 8000].map((hz) => ({
    bin: frequencies.findIndex((centre) => centre >= hz),
    text: hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`,
  }));
}

let facts;
const streams = {}, pictures = {};
try {
  facts = await (await fetched("live.json", "make_live.py")).json();
  for (const [kind, power] of Object.entries(KINDS)) {
    const { state, frequencies } = facts[kind];
    const model = await fetched(`live_${kind}.onnx`, "make_live.py");
    streams[kind] = await Steps.load(ort, await model.arrayBuffer(), state);
    pictures[kind] = new Scroll(element(kind), frequencies.length, labels(kind, frequencies), power);
  }
  microphone.disabled = input.disabled = false;
  say("Ready.");
} catch (error) {
  say(error.message, true);
}

// --- Blocks to pictures, one after the other ---------------------------------------------------------------

let running; // the sound that plays: {context, end, device}
let waiting = [], working = false, left = 0, milliseconds = 0;

async function take(samples) {
  if (waiting.length >= MOST_WAITING) left += 1;
  else waiting.push(samples);
  if (working) return;
  working = true;
  try {
    while (waiting.length > 0) {
      const sound = running;
      try {
        await step(waiting.shift());
      } catch (error) {
        if (running !== sound) continue; // a sound that has stopped meanwhile
        await halt();
        say(`The computation failed: ${error.message}`, true);
      }
    }
  } finally {
    working = false;
  }
}

// One block through both streams. What belongs to a sound that has stopped meanwhile is dropped.
async function step(samples) {
  const sound = running, began = performance.now(), results = {};
  for (const kind of Object.keys(KINDS)) {
    if (!sound || running !== sound) return;
    results[kind] = await streams[kind].next(samples);
  }
  if (running !== sound) return;
  milliseconds += 0.05 * (performance.now() - began - milliseconds);
  for (const kind of Object.keys(KINDS)) pictures[kind].add(results[kind]);
  const { values, bins, frames } = results.cqt;
  const last = Float32Array.from({ length: bins }, (_, bin) => values[bin * frames + frames - 1]);
  notes.textContent = notesOf(last, facts.cqt.frequencies).join(" ");
  document.dispatchEvent(new CustomEvent("step", { detail: { samples, left, ...results } }));
}

(function paint() {
  if (running) for (const picture of Object.values(pictures)) picture.draw();
  requestAnimationFrame(paint);
})();

// --- Sound to blocks ----------------------------------------------------------------------------------------

async function begin(connect) {
  await halt();
  const context = new AudioContext({ sampleRate: facts.sr });
  running = { context, end: () => {} };
  [left, milliseconds] = [0, 0];
  for (const kind of Object.keys(KINDS)) {
    streams[kind].restart();
    pictures[kind].clear();
  }
  try {
    await context.audioWorklet.addModule("blocks.worklet.js");
    const blocks = new AudioWorkletNode(context, "blocks", {
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { size: facts.block },
    });
    blocks.port.onmessage = ({ data }) => running?.context === context && take(data);
    blocks.connect(context.destination); // silent; without a destination it would not be run
    await connect(context, blocks);
    await context.resume();
    stop.disabled = false;
  } catch (error) {
    if (running?.context === context) await halt(); // and not a sound that began meanwhile
    throw error;
  }
}

async function halt() {
  if (!running) return;
  const { context, end } = running;
  [running, waiting] = [undefined, []];
  stop.disabled = true;
  end();
  await context.close();
}

// What passes between a sound and its frame: the samples that the frame waits for, up to a block of them more, the
// device and the computation.
function showLatency() {
  if (!running) return;
  const ms = (samples) => (1000 * samples) / facts.sr;
  const device = 1000 * (running.device ?? 0);
  const parts = [
    `${ms(facts.block).toFixed(0)} ms block`,
    `${ms(facts.cqt.latency).toFixed(0)} ms (constant-Q), ${ms(facts.mel.latency).toFixed(0)} ms (mel) look-ahead`,
    `${milliseconds.toFixed(1)} ms computation`,
    ...(device > 0 ? [`${device.toFixed(0)} ms device`] : []),
  ];
  const sum = ms(facts.block) + ms(facts.cqt.latency) + milliseconds + device;
  latency.textContent = `Latency at most ${sum.toFixed(0)} ms: ${parts.join(" + ")}${left ? `; ${left} blocks left out` : ""}`;
}
setInterval(showLatency, 500);

async function listen() {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("this browser offers no microphone on this page");
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const media = await navigator.mediaDevices.getUserMedia({ audio: { ...plain, channelCount: 1 } });
  await begin(async (context, blocks) => {
    running.end = () => media.getTracks().forEach((track) => track.stop());
    running.device = media.getAudioTracks()[0].getSettings().latency ?? context.baseLatency;
    context.createMediaStreamSource(media).connect(blocks);
  });
  say("Listening.");
}

async function play(file) {
  say(`Decoding ${file.name} …`);
  await begin(async (context, blocks) => {
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(await file.arrayBuffer());
    source.connect(blocks);
    source.connect(context.destination);
    source.onended = () => running?.context === context && halt().then(() => say(`${file.name} has ended.`));
    running.end = () => source.disconnect();
    source.start();
  });
  say(`Playing ${file.name}.`);
}

const tried = (work, hint) =>
  work().catch((error) => say(`${hint}: ${error.message || error.name}. Play a recording instead.`, true));
microphone.addEventListener("click", () => tried(listen, "The microphone cannot be used"));
input.addEventListener("change", () => {
  const [file] = input.files;
  if (file) tried(() => play(file), `${file.name} cannot be played`);
  input.value = "";
});
stop.addEventListener("click", () => halt().then(() => say("Stopped.")));
addEventListener("resize", () => Object.values(pictures).forEach((picture) => picture.fit()));

// The mel spectrogram of a waveform, by onnxruntime-web: the same in a browser and under Node.

export class Mel {
  // ort: the module onnxruntime-web; model: the bytes of mel.onnx; facts: what mel.json holds.
  static async load(ort, model, facts) {
    ort.env.wasm.numThreads = 1; // more would need headers that few servers send
    const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
    return Object.assign(new Mel(), { ort, session, facts });
  }

  // Power in each band: {values, bands, frames}, values[band * frames + frame].
  async of(samples) {
    if (samples.length < this.facts.min_samples)
      throw new Error(`${samples.length} samples are too few, ${this.facts.min_samples} are needed`);
    const [input] = this.session.inputNames, [output] = this.session.outputNames;
    const waveform = new this.ort.Tensor("float32", samples, [1, samples.length]);
    const result = (await this.session.run({ [input]: waveform }))[output];
    const [, bands, frames] = result.dims;
    return { values: result.data, bands, frames };
  }
}

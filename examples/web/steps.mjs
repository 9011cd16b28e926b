// The steps of a stream that nnaudio2 saved as ONNX, one after the other, by onnxruntime-web.

export class Steps {
  // ort: the module onnxruntime-web; model: the bytes of the file; state: its description's tensors.
  static async load(ort, model, state) {
    ort.env.wasm.numThreads = 1; // more would need headers that few servers send
    const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
    const steps = Object.assign(new Steps(), { ort, session, first: state });
    steps.restart();
    return steps;
  }

  restart() {
    this.state = {};
    for (const { name, shape, initial } of this.first) {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = Array.isArray(initial) ? Float32Array.from(initial) : new Float32Array(size).fill(initial);
      this.state[name] = new this.ort.Tensor("float32", values, shape);
    }
  }

  // The frames of a block of samples: {values, bins, frames}, values[bin * frames + frame].
  async next(samples) {
    const block = new this.ort.Tensor("float32", samples, [1, samples.length]);
    const before = this.state;
    const results = await this.session.run({ block, ...before });
    const after = Object.fromEntries(Object.keys(before).map((name) => [name, results[`new_${name}`]]));
    if (this.state === before) this.state = after; // unless restart() came meanwhile
    const [, bins, frames] = results.output.dims;
    return { values: results.output.data, bins, frames };
  }
}

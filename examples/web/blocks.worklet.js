// Runs on the audio thread: collects samples into blocks and posts each full block to the page.

class Blocks extends AudioWorkletProcessor {
  constructor({ processorOptions: { size } }) {
    super();
    this.block = new Float32Array(size);
    this.filled = 0;
  }

  // samples: the first channel of the first input, 128 at a time.
  process([[samples]]) {
    if (!samples) return true; // nothing is connected yet
    for (let begin = 0; begin < samples.length; ) {
      const count = Math.min(samples.length - begin, this.block.length - this.filled);
      this.block.set(samples.subarray(begin, begin + count), this.filled);
      this.filled += count;
      begin += count;
      if (this.filled === this.block.length) {
        const full = this.block;
        this.block = new Float32Array(full.length);
        this.filled = 0;
        this.port.postMessage(full, [full.buffer]); // transferred, not copied
      }
    }
    return true;
  }
}

registerProcessor("blocks", Blocks);

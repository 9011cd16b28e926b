// On the audio thread: the samples of the first channel, in blocks, to the page.

class Blocks extends AudioWorkletProcessor {
  constructor({ processorOptions: { size } }) {
    super();
    this.block = new Float32Array(size);
    this.filled = 0;
  }

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
        this.port.postMessage(full, [full.buffer]);
      }
    }
    return true;
  }
}

registerProcessor("blocks", Blocks);

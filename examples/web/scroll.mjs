// A spectrogram that scrolls: the newest frame on the right, frequency upward, level relative to the loudest as colour.
import { colour } from "./picture.mjs";

const MARGIN = 52; // pixels on the left, for the labels
const DECAY = 0.9995; // of the loudest value, each frame: after something loud the picture soon brightens again

export class Scroll {
  // labels: [{bin, text}]; power: 1 if the values are magnitudes, 2 if they are powers.
  constructor(canvas, bins, labels, power) {
    Object.assign(this, { canvas, bins, labels, factor: 20 / power, loudest: 1e-10, column: 0 });
    this.fit();
  }

  // The size of the canvas on the page has changed: begin anew.
  fit() {
    const { width, height } = this.canvas.getBoundingClientRect(), scale = devicePixelRatio;
    Object.assign(this, { width, height, scale, columns: Math.max(1, Math.floor(width - MARGIN)) });
    [this.canvas.width, this.canvas.height] = [width * scale, height * scale];
    // One pixel for each bin and frame. `column` is the next to write, and the oldest: columns are reused in turn.
    this.sheet = new OffscreenCanvas(this.columns, this.bins);
    this.pen = this.sheet.getContext("2d");
    this.clear();
  }

  clear() {
    this.column = 0;
    this.loudest = 1e-10;
    this.pen.fillStyle = `rgb(${colour(-Infinity)})`;
    this.pen.fillRect(0, 0, this.columns, this.bins);
    this.draw();
  }

  // Write the frames of one step: values[bin * frames + frame].
  add({ values, bins, frames }) {
    for (let frame = 0; frame < frames; frame++) {
      this.loudest *= DECAY;
      const image = new ImageData(1, bins);
      for (let bin = 0; bin < bins; bin++) this.loudest = Math.max(this.loudest, values[bin * frames + frame]);
      for (let bin = 0; bin < bins; bin++) {
        const level = this.factor * Math.log10(Math.max(values[bin * frames + frame], 1e-30) / this.loudest);
        image.data.set([...colour(level), 255], 4 * (bins - 1 - bin));
      }
      this.pen.putImageData(image, this.column, 0);
      this.column = (this.column + 1) % this.columns;
    }
  }

  // Copy the columns to the canvas, the older part first, and write the labels.
  draw() {
    const pen = this.canvas.getContext("2d"), old = this.columns - this.column;
    pen.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    pen.imageSmoothingEnabled = false;
    if (old > 0) pen.drawImage(this.sheet, this.column, 0, old, this.bins, MARGIN, 0, old, this.height);
    if (this.column > 0)
      pen.drawImage(this.sheet, 0, 0, this.column, this.bins, MARGIN + old, 0, this.column, this.height);
    pen.fillStyle = getComputedStyle(this.canvas).color;
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const { bin, text } of this.labels) {
      const y = this.height * (1 - (bin + 0.5) / this.bins);
      pen.fillText(text, MARGIN - 6, Math.min(this.height - 7, Math.max(7, y)));
    }
  }
}

// A mel spectrogram on a canvas: time to the right, frequency upward, level below the maximum as colour.

const FLOOR = 80; // dB
const STOPS = [[0, 0, 4], [81, 18, 124], [183, 55, 121], [252, 137, 97], [252, 253, 191]];
const MARGIN = { left: 52, right: 8, top: 8, bottom: 40 };

export function colour(level) {
  const place = Math.max(0, Math.min(0.9999, 1 + level / FLOOR)) * (STOPS.length - 1);
  const from = STOPS[Math.floor(place)], to = STOPS[Math.floor(place) + 1], part = place % 1;
  return from.map((value, i) => value + part * (to[i] - value));
}

// One pixel for each band and frame.
function pixels({ values, bands, frames }) {
  const loudest = values.reduce((a, b) => Math.max(a, b), 1e-30);
  const image = new ImageData(frames, bands);
  for (let band = 0; band < bands; band++)
    for (let frame = 0; frame < frames; frame++) {
      const level = 10 * Math.log10(Math.max(values[band * frames + frame], 1e-30) / loudest);
      image.data.set([...colour(level), 255], 4 * ((bands - 1 - band) * frames + frame));
    }
  const sheet = new OffscreenCanvas(frames, bands);
  sheet.getContext("2d").putImageData(image, 0, 0);
  return sheet;
}

// The fractional band of a frequency.
function bandOf(hz, frequencies) {
  const above = frequencies.findIndex((centre) => centre >= hz);
  const [low, high] = [frequencies[above - 1], frequencies[above]];
  return above - 1 + (hz - low) / (high - low);
}

// About one label for each 100 pixels, at round numbers.
function step(range, width) {
  const coarse = (100 * range) / width, power = 10 ** Math.floor(Math.log10(coarse));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= coarse);
}

export function draw(canvas, mel, facts) {
  const { width, height } = canvas.getBoundingClientRect(), scale = devicePixelRatio;
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const plot = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  pen.imageSmoothingEnabled = mel.frames > plot.width;
  pen.drawImage(pixels(mel), MARGIN.left, MARGIN.top, plot.width, plot.height);

  pen.fillStyle = getComputedStyle(canvas).color;
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  for (const hz of [100, 500, 1000, 2000, 4000, 8000]) {
    const y = MARGIN.top + plot.height * (1 - (bandOf(hz, facts.frequencies) + 0.5) / mel.bands);
    pen.fillText(hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`, MARGIN.left - 6, y);
  }
  pen.textAlign = "center";
  const seconds = (mel.frames * facts.hop_length) / facts.sr, every = step(seconds, plot.width);
  for (let second = 0; second < seconds * 0.98; second += every)
    pen.fillText(`${Number(second.toFixed(3))} s`, MARGIN.left + (plot.width * second) / seconds, height - 24);
}

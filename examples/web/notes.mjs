// Names of notes in the equal temperament of A4 = 440 Hz.

const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

export function note(hz) {
  const number = Math.round(69 + 12 * Math.log2(hz / 440));
  return `${NAMES[((number % 12) + 12) % 12]}${Math.floor(number / 12) - 1}`;
}

// The loudest local maxima of a frame's magnitudes, at most `most` within 20 dB of the first, as notes.
export function notesOf(magnitudes, frequencies, most = 3) {
  const peaks = [];
  for (let bin = 1; bin + 1 < magnitudes.length; bin++)
    if (magnitudes[bin] > magnitudes[bin - 1] && magnitudes[bin] >= magnitudes[bin + 1]) peaks.push(bin);
  peaks.sort((a, b) => magnitudes[b] - magnitudes[a]);
  const loud = peaks.filter((bin) => magnitudes[bin] > 1e-3 && magnitudes[bin] > 0.1 * magnitudes[peaks[0]]);
  return [...new Set(loud.map((bin) => note(frequencies[bin])))].slice(0, most);
}

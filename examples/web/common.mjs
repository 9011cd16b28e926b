// Helpers of both pages.

// A function that shows a text in an <output>, as an error or not.
export const sayIn = (output) => (text, error = false) => {
  output.textContent = text;
  output.classList.toggle("error", error);
};

// A file that `program` has saved next to the page.
export async function fetched(name, program) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name} is missing: run ${program} first`);
  return answer;
}

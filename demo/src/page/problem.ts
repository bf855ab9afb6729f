import { ByteflowError } from 'byteflow';

/** Shows what went wrong in an element of role alert. What was given up on purpose is no problem. */
export function showProblem(place: HTMLElement, error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof ByteflowError && error.code === 'disposed') return; // another backend was chosen meanwhile
  place.hidden = false;
  place.textContent = error instanceof Error ? error.message : String(error);
}

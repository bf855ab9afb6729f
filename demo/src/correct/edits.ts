/** A change of a text: from `start` on, `removed` characters gave way to `inserted` ones. */
export interface Edit {
  start: number;
  removed: number;
  inserted: number;
}

/** What has changed between two texts, as one edit. `caret` is where the cursor is after it: of equal letters those before it are the new ones. */
export function editBetween(before: string, after: string, caret: number): Edit {
  const grown = after.length - before.length;
  const most = Math.min(before.length, after.length);
  let end = 0; // letters that are the same behind the cursor
  while (end < most && after.length - end > caret && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  let start = 0;
  while (start < most - end && before[start] === after[start]) start++;
  return { start, removed: before.length - end - start, inserted: before.length - end - start + grown };
}

/** A stretch of a text that is being edited. */
export interface Place {
  start: number;
  end: number;
  /** Whether an edit has touched it. */
  isGone: boolean;
}

/** Moves a place as an edit moves the text it is in. */
export function follow(place: Place, { start, removed, inserted }: Edit): void {
  if (start >= place.end) return;
  if (start + removed > place.start) {
    place.isGone = true;
    return;
  }
  place.start += inserted - removed;
  place.end += inserted - removed;
}

import { button, element } from './dom.js';
import { cover } from './veil.js';

/** A text to try. A rude one is blurred until asked for, so its kind is its name. */
export interface Sample {
  kind: string;
  text: string;
  rude: boolean;
}

export function sampleButton({ kind, text, rude }: Sample, onClick: () => void): HTMLButtonElement {
  const preview = element('span', '', text);
  cover(preview, rude);
  const made = button('sample', '', onClick);
  made.append(element('strong', '', kind), preview);
  return made;
}

// The blur over what may offend. It covers elements of class `rude` while the body has class `veiled`, and hides them from screen readers and the keyboard.

export const isVeiled = (): boolean => document.body.classList.contains('veiled');

/** Says whether what the element shows may offend. */
export function cover(element: HTMLElement, isRude: boolean): void {
  element.classList.toggle('rude', isRude);
  hide(element, isRude && isVeiled());
}

/** Lifts the veil, for the whole page, when a button with `data-unveil` is pressed; what that attribute names gets the focus, since the button goes. */
export function listenForUnveiling(): void {
  document.addEventListener('click', ({ target }) => {
    const button = (target as Element).closest<HTMLElement>('[data-unveil]');
    if (button === null) return;
    document.body.classList.remove('veiled');
    for (const element of document.querySelectorAll<HTMLElement>('.rude')) hide(element, false);
    document.getElementById(button.dataset.unveil!)?.focus();
  });
}

function hide(element: HTMLElement, isHidden: boolean): void {
  element.ariaHidden = isHidden ? 'true' : null;
  element.inert = isHidden;
}

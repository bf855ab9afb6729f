/** The blur over what may offend. It covers elements of class `rude` while the body has class `veiled`, and hides them from screen readers. */
export class Veil {
  #isUp = true;

  constructor(private readonly box: HTMLTextAreaElement) {
    for (const button of document.querySelectorAll<HTMLElement>('[data-unveil]')) button.addEventListener('click', () => this.#lift());
  }

  /** Shows a text in the box, blurred when it is rude and nobody asked to see such texts. */
  show(text: string, rude: boolean): void {
    this.box.value = text;
    this.box.classList.toggle('rude', rude);
    this.box.inert = rude && this.#isUp;
  }

  #lift(): void {
    this.#isUp = false;
    document.body.classList.remove('veiled');
    for (const hidden of document.querySelectorAll('.rude[aria-hidden]')) hidden.removeAttribute('aria-hidden');
    this.box.inert = false;
    this.box.focus();
  }
}

/** The blur over what may offend. It covers elements of class `rude` while the body has class `veiled`, and hides them from screen readers. */
export class Veil {
  #isUp = true;

  /** `echo` shows what is in the box. */
  constructor(
    private readonly box: HTMLTextAreaElement,
    private readonly echo: HTMLElement,
  ) {
    for (const button of document.querySelectorAll<HTMLElement>('[data-unveil]')) button.addEventListener('click', () => this.#lift());
  }

  /** Shows a text in the box, blurred when it is rude and nobody asked to see such texts. */
  show(text: string, rude: boolean): void {
    this.box.value = text;
    this.echo.replaceChildren(); // what it showed may be rude, and no longer covered
    this.#cover(rude);
    this.box.inert = rude && this.#isUp;
  }

  /** What is in the box is the writer's own now. */
  typed(): void {
    this.#cover(false);
  }

  #cover(rude: boolean): void {
    for (const element of [this.box, this.echo]) element.classList.toggle('rude', rude);
    this.echo.ariaHidden = rude && this.#isUp ? 'true' : null;
  }

  #lift(): void {
    this.#isUp = false;
    document.body.classList.remove('veiled');
    for (const hidden of document.querySelectorAll('.rude[aria-hidden]')) hidden.removeAttribute('aria-hidden');
    this.box.inert = false;
    this.box.focus();
  }
}

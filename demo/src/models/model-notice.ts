import { ByteflowError, type Progress } from 'byteflow';

/** Says in an element how far a model is: loading, missing in this build, or ready, which needs no words. */
export class ModelNotice {
  constructor(
    private readonly place: HTMLElement,
    private readonly name: string,
  ) {}

  readonly loading = ({ phase, loaded, total }: Progress): void => {
    if (phase === 'model') this.#say(total ? `Loading the model, ${Math.round((100 * loaded) / total)}%` : 'Loading the model');
  };

  ready(): void {
    this.place.hidden = true;
  }

  /** Whether the failure was that this build has no such model; any other is thrown on. */
  isMissing(error: unknown): true {
    const codes = ['not-found', 'unexpected-html']; // a server may answer with its own page
    if (!(error instanceof ByteflowError && codes.includes(error.code))) {
      this.place.hidden = true;
      throw error;
    }
    this.#say(`This build comes without the model ${this.name}, so this tab has nothing to show yet. All others work.`);
    return true;
  }

  #say(text: string): void {
    this.place.hidden = false;
    this.place.textContent = text;
  }
}

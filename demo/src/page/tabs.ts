/**
 * Tabs as screen readers and keyboards know them: arrows, Home and End move and choose, one tab is in the order of the Tab key. Each is a link, so the address says which
 * is open, and can be kept, sent and opened in another window.
 */
export class Tabs {
  readonly #tabs: readonly HTMLAnchorElement[];

  /** `onOpen` is told the name of the tab that is opened. */
  constructor(
    list: HTMLElement,
    private readonly onOpen: (name: string) => void,
  ) {
    this.#tabs = [...list.querySelectorAll<HTMLAnchorElement>('[role=tab]')];
    list.addEventListener('keydown', (event) => this.#move(event));
    addEventListener('hashchange', () => this.#follow());
    this.#follow();
  }

  #follow(): void {
    this.#open(this.#tabs.find((tab) => tab.hash === location.hash) ?? this.#tabs[0]!);
  }

  #move(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.#tabs.indexOf(event.target as HTMLAnchorElement);
    const size = this.#tabs.length;
    const next = { ArrowRight: (at + 1) % size, ArrowLeft: (at + size - 1) % size, Home: 0, End: size - 1, ' ': at }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = this.#tabs[next]!;
    history.replaceState(null, '', tab.hash); // a walk along the tabs is no history
    this.#open(tab);
    tab.focus();
  }

  #open(chosen: HTMLAnchorElement): void {
    for (const tab of this.#tabs) {
      const isChosen = tab === chosen;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute('aria-controls')!)!.hidden = !isChosen;
    }
    document.title = `byteflow: ${chosen.textContent?.trim()}`;
    scrollTo(0, 0);
    this.onOpen(chosen.hash.slice(1));
  }
}

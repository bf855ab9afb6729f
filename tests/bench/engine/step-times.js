const spread = 4;

/** A table of times in which each step of each run has its place. */
export class StepTimes {
  #runs = []; // [runs][steps], in milliseconds
  #current;

  begin() {
    this.#runs.push((this.#current = []));
  }

  add(milliseconds) {
    this.#current.push(milliseconds);
  }

  /** The median over all runs of a step and its neighbours, 4 on either side; steps count from 1. */
  at(step) {
    const times = this.#runs.flatMap((run) => run.slice(step - 1 - spread, step + spread)).sort((a, b) => a - b);
    return times[times.length >> 1];
  }

  /** Medians of steps that lie 8 apart, up to the last that has all its neighbours. */
  curve() {
    const last = Math.min(...this.#runs.map((run) => run.length)) - spread;
    const steps = Array.from({ length: Math.floor(last / 8) }, (_, i) => 8 * (i + 1));
    return steps.map((step) => ({ step, milliseconds: this.at(step) }));
  }
}

import { styleText } from 'node:util'

/** Tells a walk: numbered steps, what happened, why it matters. */
export class Voice {
  readonly #out: { write(text: string): unknown; readonly isTTY?: boolean }
  #steps = 0

  constructor(out: { write(text: string): unknown; readonly isTTY?: boolean }) {
    this.#out = out
  }

  /** Begins a step. */
  step(title: string): void {
    this.#steps += 1
    this.#out.write(`\n${this.#style('bold', `${this.#steps}. ${title}`)}\n`)
  }

  /** What happened. */
  say(text: string): void {
    this.#out.write(`   ${text}\n`)
  }

  /** A fact with its name: an address, a claim. */
  fact(name: string, value: string): void {
    this.#out.write(`     ${name.padEnd(14)} ${this.#style('cyan', value)}\n`)
  }

  /** Why it matters. */
  because(text: string): void {
    this.#out.write(`   ${this.#style('dim', `why: ${text}`)}\n`)
  }

  #style(style: 'bold' | 'cyan' | 'dim', text: string): string {
    return this.#out.isTTY === true ? styleText(style, text) : text
  }
}

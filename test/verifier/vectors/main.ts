// `node test/verifier/vectors/main.ts`, and the same with deno, bun or, bundled, workerd: runs the table and says so.
import table from '../vectors.json' with { type: 'json' }
import { runTable } from './run.ts'
import type { Table } from './table.ts'

// Parse boundary: the table is written by make.ts, in this form.
const { ran, faults } = await runTable(table as unknown as Table)
console.log(`${ran - new Set(faults.map((fault) => fault.split(',')[0])).size} of ${ran} vectors hold`)
if (faults.length > 0) throw new Error(faults.join('\n'))

// The table in workerd: `workerd test` calls this.

import { runTable } from '../vectors/run.ts'
import type { Table } from '../vectors/table.ts'
import table from '../vectors.json' with { type: 'json' }

export default {
  async test(): Promise<void> {
    // Parse boundary: written by vectors/make.ts, in this form.
    const { ran, faults } = await runTable(table as unknown as Table)
    if (faults.length > 0) throw new Error(faults.join('\n'))
    console.log(`${ran} of ${ran} vectors hold`)
  },
}

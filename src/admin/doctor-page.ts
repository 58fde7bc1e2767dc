import { findings } from '../doctor/finding.ts'
import type { Report, StepReport } from '../doctor/report.ts'
import { concernedClients, findingWords } from '../doctor/words.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { IconName } from '../web/icons.ts'
import type { PageLocals } from '../web/render.ts'

/** A light as a badge. */
export interface LightBadge {
  readonly light: StepReport['light']
  readonly tone: 'good' | 'care' | 'stop' | 'plain'
  readonly icon: IconName
  readonly words: string
}

/** What was found, ready to be shown. */
export interface ExaminedServer {
  readonly heading: string
  readonly verdict: LightBadge & { readonly sentence: string }
  readonly issuer: string | undefined
  readonly left: string | undefined
  readonly clients: readonly {
    readonly id: string
    readonly name: string
    readonly badge: LightBadge
    readonly way: string
  }[]
  readonly steps: readonly {
    readonly step: string
    readonly name: string
    readonly badge: LightBadge
    readonly findings: readonly {
      readonly code: string
      readonly badge: LightBadge
      readonly what: string
      readonly change: string
      readonly whom: string | undefined
    }[]
  }[]
}

/** What the page shows. */
export interface DoctorPage extends PageLocals {
  readonly address: string
  readonly isRegistering: boolean
  /** Addresses of the MCP servers that are registered here. */
  readonly known: readonly string[]
  readonly fault: string | undefined
  readonly examined: ExaminedServer | undefined
}

/** Facts of the page, before and after an examination. */
export function doctorPage(
  messages: Messages,
  facts: Pick<DoctorPage, 'address' | 'isRegistering' | 'known'> & {
    readonly isRefused?: boolean
    readonly report?: Report
  },
): DoctorPage {
  const { report, isRefused = false, ...rest } = facts
  return {
    title: messages.doctor.heading,
    page: 'doctor',
    area: 'admin',
    ...rest,
    fault: isRefused ? messages.doctor.badAddress : undefined,
    examined: report === undefined ? undefined : examined(messages, report),
  }
}

function examined(messages: Messages, report: Report): ExaminedServer {
  const { doctor } = messages
  return {
    heading: fill(doctor.result, { address: report.address }),
    verdict: { ...badge(messages, report.light), sentence: doctor.verdicts[report.light] },
    issuer: report.issuer,
    left: report.leftBehind.length === 0 ? undefined : fill(doctor.left, { ids: report.leftBehind.join(', ') }),
    clients: report.clients.map(({ client, name, light, way }) => ({
      id: client,
      name,
      badge: badge(messages, light),
      way: doctor.ways[way],
    })),
    steps: report.steps.map(({ step, light, findings: here }) => ({
      step,
      name: doctor.stepNames[step],
      badge: badge(messages, light),
      findings: here.map((finding) => {
        const { what, change } = findingWords(messages, finding)
        const clients = concernedClients(messages, finding, report.clients.length)
        return {
          code: finding.code,
          badge: badge(messages, lightsOf[findings[finding.code].weight]),
          what,
          change: fill(doctor.change, { change }),
          whom: clients === undefined ? undefined : fill(doctor.concerns, { clients }),
        }
      }),
    })),
  }
}

const lightsOf = { broken: 'red', caution: 'amber', untried: 'untried' } as const

const looks = {
  green: { tone: 'good', icon: 'check' },
  amber: { tone: 'care', icon: 'info' },
  red: { tone: 'stop', icon: 'x' },
  untried: { tone: 'plain', icon: 'clock' },
} as const

function badge({ doctor }: Messages, light: StepReport['light']): LightBadge {
  return { light, ...looks[light], words: doctor.lights[light] }
}

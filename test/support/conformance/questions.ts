import { randomBytes } from 'node:crypto'
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequests,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Seals what comes back from the client with its answers. */
export const questionState = createRequestStateCodec<{ readonly round: number; readonly name?: string }>({
  key: randomBytes(32),
})

const nothing = z.object({})
const kind = z.unknown().optional()
const capabilities = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({ elicitation: kind, sampling: kind, roots: kind }),
})
const ask = (message: string, field: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  })
const askModel = (text: string) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 50 })
const say = (text: string) => ({ content: [{ type: 'text' as const, text }] })

/** Adds the tools, and the prompt, that ask the client back before they answer (revision 2026-07-28: `input_required`). */
export function addQuestions(mcp: McpServer): void {
  for (const [name, questions] of Object.entries(simpleQuestions)) {
    mcp.registerTool(name, { description: 'asks back', inputSchema: nothing }, (_args, { mcpReq }) => {
      const answers = mcpReq.inputResponses ?? {}
      if (!Object.keys(questions).every((question) => question in answers)) {
        return inputRequired({ inputRequests: questions })
      }
      return say(JSON.stringify(answers))
    })
  }
  addQuestionsWithState(mcp)
  mcp.registerTool(
    'test_input_required_result_capabilities',
    { description: 'asks what the client can answer', inputSchema: nothing },
    (_args, { mcpReq }) => {
      const { elicitation, sampling, roots } = capabilities.parse(mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY]
      const inputRequests: InputRequests = {
        ...(elicitation !== undefined && { user_name: ask('What is your name?', 'name') }),
        ...(sampling !== undefined && { greeting: askModel('Generate a short greeting') }),
        ...(roots !== undefined && { client_roots: inputRequired.listRoots() }),
      }
      const isAnswered = mcpReq.inputResponses !== undefined || Object.keys(inputRequests).length === 0
      return isAnswered ? say('enough') : inputRequired({ inputRequests })
    },
  )
  mcp.registerPrompt('test_input_required_result_prompt', { description: 'asks back' }, ({ mcpReq }: ServerContext) => {
    const context = acceptedContent<{ context: string }>(mcpReq.inputResponses, 'user_context')?.context
    if (context === undefined) {
      return inputRequired({ inputRequests: { user_context: ask('What context should the prompt use?', 'context') } })
    }
    return { messages: [{ role: 'user', content: { type: 'text', text: `Use the following context: ${context}` } }] }
  })
}

const simpleQuestions: Readonly<Record<string, InputRequests>> = {
  test_missing_capability: { llm_answer: askModel('Reply with the single word: pong') },
  test_input_required_result_elicitation: { user_name: ask('What is your name?', 'name') },
  test_input_required_result_sampling: { capital_question: askModel('What is the capital of France?') },
  test_input_required_result_list_roots: { client_roots: inputRequired.listRoots() },
}

function addQuestionsWithState(mcp: McpServer): void {
  const confirm = {
    confirm: inputRequired.elicit({
      message: 'Please confirm',
      requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
    }),
  }
  const several = {
    user_name: ask('What is your name?', 'name'),
    greeting: askModel('Generate a greeting'),
    client_roots: inputRequired.listRoots(),
  }
  const withState = {
    test_input_required_result_request_state: confirm,
    test_input_required_result_tampered_state: confirm,
    test_input_required_result_multiple_inputs: several,
  }
  for (const [name, inputRequests] of Object.entries(withState)) {
    mcp.registerTool(name, { description: 'asks back', inputSchema: nothing }, async (_args, { mcpReq }) => {
      const answers = mcpReq.inputResponses ?? {}
      const isAnswered = Object.keys(inputRequests).every((question) => question in answers)
      if (isAnswered && mcpReq.requestState() !== undefined) return say('state-ok')
      return inputRequired({ inputRequests, requestState: await questionState.mint({ round: 1 }) })
    })
  }
  mcp.registerTool(
    'test_input_required_result_multi_round',
    { description: 'asks back twice', inputSchema: nothing },
    async (_args, { mcpReq }) => {
      const state = mcpReq.requestState<{ round: number; name?: string }>()
      if (state === undefined) {
        const inputRequests = { step1: ask('Step 1: What is your name?', 'name') }
        return inputRequired({ inputRequests, requestState: await questionState.mint({ round: 1 }) })
      }
      if (state.round === 1) {
        const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'step1')?.name ?? ''
        const inputRequests = { step2: ask('Step 2: What is your favorite color?', 'color') }
        return inputRequired({ inputRequests, requestState: await questionState.mint({ round: 2, name }) })
      }
      const color = acceptedContent<{ color: string }>(mcpReq.inputResponses, 'step2')?.color ?? ''
      return say(`${state.name ?? ''} likes ${color}`)
    },
  )
}

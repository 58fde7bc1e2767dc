import type { Context } from 'koa'
import type { Messages } from '../messages/messages.ts'
import type { PageLocals } from './render.ts'

interface ContinueLocals extends PageLocals {
  readonly target: string
}

const dangerousSchemes: ReadonlySet<string> = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:'])

/**
 * Answers a post with a page of ours that goes on to `target` by itself.
 *
 * Chromium applies `form-action` to the whole redirect chain of a form post: with `form-action 'self'` a redirect that ends
 * at a loopback, https or private-scheme callback is dropped without a word. A refresh of a page is no form post.
 *
 * @param target path of ours or absolute URI, normally the address that resumes the authorization
 * @see WebAppSec CSP 3 §6.4.2
 */
export function continuePage(ctx: Context, target: string): void {
  ctx.state.render(ctx, 'continue', continueLocals(target, ctx.state.messages))
}

function continueLocals(target: string, messages: Messages): ContinueLocals {
  // Ours is the only caller; the check keeps a mistake from becoming a script URL.
  const base = 'https://sallyport.invalid'
  if (!URL.canParse(target, base)) throw new Error('continuePage() got a target that is no URL')
  const url = new URL(target, base)
  if (dangerousSchemes.has(url.protocol)) throw new Error(`continuePage() does not go to ${url.protocol}`)
  const address = url.origin === base ? `${url.pathname}${url.search}${url.hash}` : url.href
  return { title: messages.common.continue.heading, page: 'continue', refreshTo: address, target: address }
}

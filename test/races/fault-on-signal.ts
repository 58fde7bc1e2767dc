// Loaded into a server before it starts: signals become faults that nobody catches, as a mistake of ours would be.
process.on(
  'SIGUSR2',
  () => void Promise.reject(new Error('a rejection nobody waits for: /cb?token=canary-secret-1234567890')),
)
process.on('SIGHUP', () => {
  setImmediate(() => {
    throw new Error('thrown where nobody catches')
  })
})

import { registerConfiguredAdministrator } from './accounts/register.ts'
import { ConfigError } from './config/faults.ts'
import type { Rooms } from './rooms.ts'

/**
 * For unattended installs: the first administrator from the settings, on an empty database only.
 *
 * @throws ConfigError when the password is one that nobody may choose here (threat G17)
 */
export async function createConfiguredAdministrator({
  config,
  accounts,
  passwords,
}: Pick<Rooms, 'config' | 'accounts' | 'passwords'>): Promise<void> {
  const { adminEmail, adminPassword } = config
  if (adminEmail === undefined || adminPassword === undefined) return
  await registerConfiguredAdministrator(accounts, adminEmail, async () => {
    const fault = passwords.fault(adminPassword, [adminEmail])
    if (fault === null) return passwords.hash(adminPassword)
    const problem =
      fault === 'about_you'
        ? 'is little more than a name that everybody knows'
        : 'is a password that everybody tries first'
    const cure = 'choose one that is used nowhere else, several words in a row for instance'
    throw new ConfigError([{ name: 'SALLYPORT_ADMIN_PASSWORD', problem, cure }])
  })
}

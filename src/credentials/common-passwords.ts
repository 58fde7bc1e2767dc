// Passwords that everybody tries first and that our length rule alone would let through (8 characters or more, lower case).
// Collected by hand from what published lists have in common; compared without regard to case.
// ASVS 6.2.4: the list is meant to grow.
const listed = `
password password1 password12 password123 password1234 password12345 password! password1! passw0rd p@ssword p@ssw0rd
p@ssw0rd1 pa$$word pa55word passwort passwort1 passwort123 motdepasse contraseña contrasena wachtwoord parola123 lozinka123
12345678 123456789 1234567890 12345678910 123123123 1234512345 12341234 11111111 00000000 22222222 33333333 55555555
66666666 77777777 88888888 99999999 11223344 1122334455 12344321 87654321 987654321 0987654321 0123456789 01234567
14725836 147258369 159357159 789456123 741852963 963852741 321321321 456456456 19871987 20002000
qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwertz123 qwertzuiop azertyuiop 1qaz2wsx 1qaz2wsx3edc
1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 qazwsxedc zaq12wsx zaq1zaq1 asdfghjk asdfghjkl asdfasdf zxcvbnm1
zxcvbnm123 1234qwer qwer1234 asdf1234 abcd1234 abc12345 abc123456 a1b2c3d4 a1234567 a12345678 aa123456 aa12345678 abcdefgh
abcdefg1 abcdefghi aaaaaaaa xxxxxxxx iloveyou iloveyou1 iloveyou2 loveyou1 football football1 baseball baseball1
basketball superman superman1 batman123 spiderman pokemon1 starwars starwars1 princess princess1 sunshine sunshine1
michael1 jennifer jessica1 jordan23 charlie1 danielle michelle samantha anthony1 christian
trustno1 whatever welcome1 welcome12 welcome123 welcome2024 welcome2025 welcome2026 letmein1 letmein123 changeme changeme1
changeme123 changeit secret123 topsecret computer computer1 internet internet1 internet123 chocolate butterfly
liverpool liverpool1 chelsea1 arsenal1 barcelona realmadrid corvette mercedes mustang1 blink182 metallica
administrator admin123 admin1234 admin12345 admin123456 adminadmin administrator1 root1234 rootroot toor1234 test1234
test12345 testtest testing1 testing123 guest123 guestguest user1234 default1 default123 demo1234 demodemo
dragon12 dragon123 monkey12 monkey123 shadow12 master12 master123 killer12 hello123 hello1234 hellohello freedom1
summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 autumn2026
sommer2025 sommer2026 january1 december1 monday123 friday123 google123 facebook1 linkedin1 samsung1 android1
sallyport sallyport1 sallyport123 openidconnect oauth2oauth2
`

/** The list as a set, lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(listed.trim().split(/\s+/))

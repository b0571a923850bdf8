// What lists of leaked passwords begin with, of eight characters and more. Attempts are counted, so that nobody gets much further
// down such a list than this.
const COMMON = new Set(
  `00000000 01234567 0123456789 0987654321 11111111 1111111111 11112222 11223344 12121212 12301230 123123123
123321123 1234567890 123456789a 12341234 123454321 12344321 12345678 123456789 12345678910 12345678a 1234abcd
1234qwer 123qweasd 147258369 159753456 1a2b3c4d 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 20202020 22222222 55555555
66666666 77777777 87654321 88888888 963852741 987654321 9876543210 99999999 a1234567 a12345678 a123456789 aa123456
aa12345678 aaaaaaaa abc12345 abcd1234 abcdefgh abcdefg1 access14 admin123 admin1234 administrator alexander anderson
asd12345 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl azertyui azertyuiop babygirl1 barcelona baseball basketball
billfold billfold1 billfold123 blink182 butterfly caroline changeme changeme1 charlie1 chocolat chocolate christian
computer corvette danielle december doudou12 dragon123 elephant fabrice1 football football1 football123 frederic
fuckyou1 galileo1 garfield guitar12 hello123 hellohello iloveyou iloveyou1 internet isabelle jennifer jessica1 jordan23
juventus killer12 laurence letmein1 letmein123 liverpool liverpool1 loulou12 loveyou1 lovelove marseille master12
maverick metallica michael1 michelle midnight monkey123 motdepasse motdepasse1 nathalie newpassword nicolas1 november
pa$$w0rd pa55word p@ssw0rd p@ssword passpass passw0rd password password! password01 password1 password1! password12
password123 password1234 password2 patricia pokemon1 princess princess1 q1w2e3r4 q1w2e3r4t5 qazwsxedc qwer1234
qwerasdf qwert123 qwerty12 qwerty123 qwerty1234 qwertyui qwertyuiop rainbow1 samantha samsung1 secret123 september
shadow12 snoopy12 soleil12 starwars startrek steelers stephanie sunshine sunshine1 superman superman1 superstar
tinkerbell trustno1 truelove veronica victoria volleyba w0rdpass welcome1 welcome123 whatever william1 winston1
wallet12 wallet123 xbox360x zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123`.split(/\s+/),
)

/**
 * Whether a password is among what anyone would try first (NIST SP 800-63B section 5.1.1.2): a common one, one or two characters
 * repeated, or the person's own address.
 */
export function isCommonPassword(password: string, email: string): boolean {
  const text = password.toLowerCase()
  return COMMON.has(text) || new Set(text).size <= 2 || text === email || text === email.split('@', 1)[0]
}

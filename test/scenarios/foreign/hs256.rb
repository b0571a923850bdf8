# Jackpot's and Pledg's tokens by ruby-jwt.
# ruby hs256.rb sign SECRET CLAIMS | verify SECRET TOKEN -> a line, or a reason and status 1
require 'json'
require 'jwt'

what, secret, input = ARGV
if what == 'sign'
  puts JWT.encode(JSON.parse(input), secret, 'HS256')
else
  begin
    puts JSON.generate(JWT.decode(input, secret, true, algorithm: 'HS256').first)
  rescue JWT::DecodeError => e
    abort e.class.name
  end
end

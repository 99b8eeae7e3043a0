-- Notes that a process is there, or that it has left, and answers how many are. ARGV[1] is the ms for which one counts that
-- says nothing more, 0 for one that leaves; then its name.

local lifetimeMs, nameAt = struct.unpack("<d", ARGV[1])
local name = ARGV[1]:sub(nameAt)
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A process is there until its score.
if lifetimeMs == 0 then
  redis.call("ZREM", KEYS[1], name)
else
  redis.call("ZADD", KEYS[1], now + lifetimeMs, name)
  redis.call("PEXPIRE", KEYS[1], lifetimeMs)
end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
return struct.pack("<d", redis.call("ZCARD", KEYS[1]))

-- Forgets counters.
redis.call("UNLINK", unpack(KEYS))
return ""

-- Forgets counters. Of each key, ARGV[1] tells how many ids of counters follow, and those; the key itself is forgotten where
-- none do.

local COUNTER_BYTES = 40

local numbers = { struct.unpack("<" .. ("d"):rep(#ARGV[1] / 8), ARGV[1]) }
local at = 1

for _, key in ipairs(KEYS) do
  local count, isForgotten, kept = numbers[at], {}, {}
  for i = at + 1, at + count do isForgotten[numbers[i]] = true end
  at = at + 1 + count

  local packed = count > 0 and redis.call("GET", key) or ""
  for place = 1, #packed, COUNTER_BYTES do
    local id = struct.unpack("<d", packed, place)
    if not isForgotten[id] then kept[#kept + 1] = packed:sub(place, place + COUNTER_BYTES - 1) end
  end
  if #kept > 0 then
    redis.call("SET", key, table.concat(kept), "KEEPTTL")
  else
    redis.call("UNLINK", key)
  end
end
return ""

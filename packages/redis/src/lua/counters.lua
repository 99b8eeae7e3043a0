-- The counters that KEYS names: read in one command, kept in `cells` while the script runs, and written back once if they
-- have changed. Counter `key` has its three cells from `cells[3 * key - 2]` on.

-- Looking a function up by two names each time would take a tenth of a decision.
local call, pack, unpackBytes = redis.call, struct.pack, struct.unpack

local time = call("TIME")
local microseconds = time[1] * 1000000 + time[2]
local serverNow = math.floor(microseconds / 1000)

local cells = {}
-- What Redis keeps of a counter, or false; until when, or 0 where it is to be kept from now on, as it has been charged;
-- the limit that met it last.
local stored, expiresAt, metBy = {}, {}, {}

-- Lua's stack holds some 8000 values.
for first = 1, #KEYS, 4000 do
  local values = call("MGET", unpack(KEYS, first, math.min(first + 3999, #KEYS)))
  for i = 1, #values do stored[first + i - 1] = values[i] end
end

-- Of what Redis keeps, the first number is until when.
local function readCounter(key, at, algorithm)
  local packed = stored[key]
  if algorithm.unpack then
    expiresAt[key] = algorithm.unpack(cells, at, packed)
  elseif packed then
    expiresAt[key], cells[at + 1], cells[at + 2], cells[at + 3] = unpackBytes("<dddd", packed)
  else
    cells[at + 1], cells[at + 2], cells[at + 3] = 0, 0, 0
  end
end

-- Brings a counter up to date for a limit. One that has never been charged begins anew with every request.
local function advance(key, at, limit, algorithm, now)
  if not metBy[key] or not expiresAt[key] then readCounter(key, at, algorithm) end
  metBy[key] = limit
  algorithm.advance(cells, at, limit, now)
end

local function packedCounter(at, algorithm, expiry)
  if algorithm.pack then return algorithm.pack(cells, at, expiry) end
  return pack("<dddd", expiry, cells[at + 1], cells[at + 2], cells[at + 3])
end

-- An expiry is the dearest part of writing, so a counter that lives for long enough keeps the one it has. `graceMs` is
-- how much longer than needed the others get.
local function writeCounters(now, graceMs)
  for key = 1, #KEYS do
    local expiry = expiresAt[key]
    if expiry then
      local at, limit = 3 * key - 3, metBy[key]
      local algorithm = limit.algorithm
      local packed = packedCounter(at, algorithm, expiry)
      if packed ~= stored[key] then
        local ttlMs = algorithm.resetMs(cells, at, limit, now)
        if expiry >= serverNow + ttlMs then
          call("SET", KEYS[key], packed, "KEEPTTL")
        else
          ttlMs = ttlMs + graceMs
          call("SET", KEYS[key], packedCounter(at, algorithm, serverNow + ttlMs), "PX", ttlMs)
        end
      end
    end
  end
end

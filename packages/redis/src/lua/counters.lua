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

local function readCells(at, algorithm, packed)
  if algorithm.unpack then
    algorithm.unpack(cells, at, packed)
  elseif packed then
    cells[at + 1], cells[at + 2], cells[at + 3] = unpackBytes("<ddd", packed, 9)
  else
    cells[at + 1], cells[at + 2], cells[at + 3] = 0, 0, 0
  end
end

-- Brings a counter up to date for a limit.
local function advance(key, limit, now)
  local at, algorithm = 3 * key - 3, limit.algorithm
  if not metBy[key] then
    local packed = stored[key]
    if packed then expiresAt[key] = unpackBytes("<d", packed) end
    readCells(at, algorithm, packed)
  elseif not expiresAt[key] then
    readCells(at, algorithm, false)
  end
  metBy[key] = limit
  algorithm.advance(cells, at, limit, now)
end

local function packedCells(at, algorithm, expiry)
  if algorithm.pack then return algorithm.pack(cells, at, expiry) end
  return pack("<dddd", expiry, cells[at + 1], cells[at + 2], cells[at + 3])
end

-- An expiry is the dearest part of writing, so a counter that lives for long enough keeps the one it has. `graceMs` is
-- how much longer than needed the others get.
local function writeCounter(key, expiry, now, graceMs)
  local at, limit = 3 * key - 3, metBy[key]
  local algorithm = limit.algorithm
  local packed = packedCells(at, algorithm, expiry)
  if packed == stored[key] then return end
  local resetMs = algorithm.resetMs(cells, at, limit, now)
  if expiry >= serverNow + resetMs then
    call("SET", KEYS[key], packed, "KEEPTTL")
  else
    local ttlMs = resetMs + graceMs
    call("SET", KEYS[key], packedCells(at, algorithm, serverNow + ttlMs), "PX", ttlMs)
  end
end

local function writeCounters(now, graceMs)
  for key = 1, #KEYS do
    local expiry = expiresAt[key]
    if expiry then writeCounter(key, expiry, now, graceMs) end
  end
end

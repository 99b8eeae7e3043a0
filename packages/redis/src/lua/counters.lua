-- The counters in the keys of a frame: read in one command, and written back once if they have changed. A partition's
-- key holds its counters as a row of numbers, five for each: its id, until when it is kept, and the three cells of its
-- algorithm. A counter's place is that of the second. Concurrency has a key for each counter, and cells of its own kind.

-- By place in KEYS.
local stored = call("MGET", unpack(KEYS))
local rows, packers = {}, {}

local function unpackRow(packed)
  local count = #packed / 8
  local row = { unpackBytes(formatOf(count), packed) }
  -- After the numbers it is told where they end.
  row[count + 1] = nil
  return row
end

local function packRow(row)
  return pack(formatOf(#row), unpack(row))
end

-- The row of a key. Concurrency, which has a key to itself, reads and writes it in its own way.
local function readRow(key, limit)
  local algorithm, packed = limit.algorithm, stored[key]
  local row = packed and (algorithm.unpack or unpackRow)(packed, limit.counterId) or {}
  rows[key] = row
  if algorithm.pack then packers[key] = algorithm.pack end
  return row
end

-- Finds a limit's counter in a row, or makes room for it. It is noted, for the rows of a tick are much alike.
local function findPlace(row, limit)
  local id, place = limit.counterId, 2
  while row[place] and row[place - 1] ~= id do place = place + 5 end
  if not row[place] then row[place - 1], row[place] = id, 0 end
  limit.place = place
  return place
end

-- What is not kept begins anew with every request.
local function begin(row, place, limit)
  row[place + 1], row[place + 2], row[place + 3] = limit.nothing, 0, 0
end

-- Keeps a counter until then, and for longer, since an expiry is the dearest part of writing.
local function extend(row, place, instant)
  row[place] = instant + graceMs
  row.isExtended = true
end

-- The counters of a row that are kept.
local function withoutExpired(row)
  local kept = {}
  for place = 2, #row, 5 do
    if row[place] > serverNow then
      for cell = place - 1, place + 3 do kept[#kept + 1] = row[cell] end
    end
  end
  return kept
end

local function writeCounters()
  for key = 1, #KEYS do
    local row = rows[key]
    if row then
      local latest, isWhole = 0, true
      for place = 2, #row, 5 do
        local expiry = row[place]
        if expiry > latest then latest = expiry end
        if expiry <= serverNow then isWhole = false end
      end
      if latest > serverNow then
        local packed = (packers[key] or packRow)(isWhole and row or withoutExpired(row))
        if row.isExtended then
          call("SET", KEYS[key], packed, "PX", ("%d"):format(latest - serverNow))
        elseif #packed < #stored[key] then
          call("SET", KEYS[key], packed, "KEEPTTL")
        elseif packed ~= stored[key] then
          -- Over what is there, which costs a third less than to set it.
          call("SETRANGE", KEYS[key], "0", packed)
        end
      end
    end
  end
end

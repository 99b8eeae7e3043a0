-- The counters in the keys of a frame: read in one command, and written back once if they have changed. A partition's
-- key holds its counters as a row of numbers, five for each: its id, until when it is kept, and the three cells of its
-- algorithm. A counter's place is that of the second. Concurrency has a key for each counter, and cells of its own kind.

-- By place in the frame's keys.
local stored = call("MGET", unpack(keys))
local rows, packers = {}, {}

-- The row of a key. Concurrency, which has a key to itself, reads and writes it in its own way.
local function readRow(key, limit)
  local packed, row = stored[key]
  if limit.readRow then
    row, packers[key] = limit.readRow(packed), limit.packRow
  elseif packed then
    -- What is unpacked ends with a number more, of where it ended. It is no part of the row: the next counter goes there.
    row = { unpackBytes(formats[#packed / 8], packed) }
  else
    row = {}
  end
  rows[key] = row
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

-- The counters of a row that are kept, and until when the last of them is.
local function packKept(row)
  local kept, count, latest = {}, 0, 0
  for place = 2, #row, 5 do
    local expiry = row[place]
    if expiry > serverNow then
      kept[count + 1], kept[count + 2] = row[place - 1], expiry
      kept[count + 3], kept[count + 4], kept[count + 5] = row[place + 1], row[place + 2], row[place + 3]
      count = count + 5
      if expiry > latest then latest = expiry end
    end
  end
  return pack(formats[count], unpack(kept)), latest
end

-- Writes what is kept of a row, however much there was.
local function writeAnew(key, row)
  local packed, latest = (packers[key] or packKept)(row)
  if latest <= serverNow then return end
  local before = stored[key]
  if row.isExtended then
    call("SET", keys[key], packed, "PX", ("%d"):format(latest - serverNow))
  elseif #packed < #before then
    call("SET", keys[key], packed, "KEEPTTL")
  elseif packed ~= before then
    call("SETRANGE", keys[key], "0", packed)
  end
end

local function writeCounters()
  for key = 1, #keys do
    local row, before = rows[key], stored[key]
    if row then
      -- How many numbers to write over those that are there, which costs a third less than to set them.
      local count = before and not row.isExtended and not packers[key] and #before / 8
      for place = 2, count or 0, 5 do
        if row[place] <= serverNow then count = nil end
      end
      if count then
        local packed = pack(formats[count], unpack(row, 1, count))
        if packed ~= before then call("SETRANGE", keys[key], "0", packed) end
      else
        writeAnew(key, row)
      end
    end
  end
end

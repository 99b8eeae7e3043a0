-- Answers what leased stores ask in one tick. The answer is five numbers for each question: what was granted, the time, and
-- the counter's cells. What each question means is said in centre.ts.

-- The counter of the question at hand.
local row, place, limit

-- Keeps it for as long as it is of use, and answers how many ms that is.
local function keep()
  local _, resetMs = limit.state(row, place)
  if row[place] < serverNow + resetMs then extend(row, place, serverNow + resetMs) end
  return resetMs
end

local function charge(units)
  limit.charge(row, place, units)
  keep()
  return 0
end

local function take(least, need, want, processes)
  local room = limit.quota - limit.state(row, place)
  if room < least then return 0 end
  local share = math.floor(room / (2 * processes))
  local granted = math.max(0, math.min(need, room), math.min(want, share))
  if granted > 0 then charge(granted) end
  return granted
end

-- `settler` is the key that keeps the number of the sender's last settlement with this counter.
local function settle(units, ticket, settler, number)
  if number <= tonumber(stored[settler] or 0) then return 0 end
  stored[settler] = number
  if row[place] <= serverNow then return 0 end
  limit.refund(row, place, units, ticket)
  -- What was added to a window that is over is forgotten with it.
  limit.wait(row, place, 0)
  local ttlMs = keep() + graceMs
  call("SET", keys[settler], ("%d"):format(number), "PX", ("%d"):format(ttlMs))
  return 0
end

local operations = { take, charge, settle }

local answers = {}
for i = 1, partCount do
  local operation, limitIndex, key, first, second, third, fourth = unpack(numbers, 7 * i - 1, 7 * i + 5)
  limit = limits[limitIndex]
  row = rows[key] or readRow(key, limit)
  place = findPlace(row, limit)
  if row[place] <= serverNow then begin(row, place, limit) end
  -- Which brings it up to date.
  limit.wait(row, place, 0)
  local granted = operations[operation](first, second, third, fourth)
  if row[place] > serverNow then keep() end
  answers[i] = pack("<ddddd", granted, now, row[place + 1], row[place + 2], row[place + 3])
end

writeCounters()
return table.concat(answers)

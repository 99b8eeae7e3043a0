-- Answers what leased stores ask in one tick. ARGV[1] is the frame that lease-frame.ts writes; the answer is five numbers
-- for each question: what was granted, the time, and the counter's cells. What each question means is said in centre.ts.

local numbers = cmsgpack.unpack(ARGV[1])
local now, graceMs, questionCount, limitCount, limitsAt = unpack(numbers, 1, 5)
-- A frame without a time goes by Redis's own.
if now ~= now then now = serverNow end

local limits = readLimits(numbers, limitsAt, limitCount, now)

-- The counter of the question at hand.
local key, place, limit, algorithm

local function charge(units)
  -- From now on this counter is one to keep.
  expiresAt[key] = expiresAt[key] or 0
  algorithm.charge(cells, place, limit, units, now, microseconds)
  return 0
end

local function take(least, need, want, processes)
  local room = limit.quota - algorithm.used(cells, place, limit, now)
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
  if not expiresAt[key] then return 0 end
  algorithm.refund(cells, place, limit, units, ticket, now)
  -- What was added to a window that is over is forgotten with it.
  algorithm.advance(cells, place, limit, now)
  local ttlMs = algorithm.resetMs(cells, place, limit, now) + graceMs
  call("SET", KEYS[settler], ("%.0f"):format(number), "PX", ttlMs)
  return 0
end

local operations = { take, charge, settle }

local answers = {}
for i = 1, questionCount do
  local operation, limitIndex, first, second, third, fourth
  operation, limitIndex, key, first, second, third, fourth = unpack(numbers, 7 * i - 1, 7 * i + 5)
  limit, place = limits[limitIndex], 3 * key - 3
  algorithm = limit.algorithm
  advance(key, place, limit, algorithm, now)
  local granted = operations[operation](first, second, third, fourth)
  answers[i] = pack("<ddddd", granted, now, cells[place + 1], cells[place + 2], cells[place + 3])
end

writeCounters(now, graceMs)
return table.concat(answers)

-- Answers what leased stores ask in one tick. ARGV[1] is the frame that lease-frame.ts writes; the answer is five numbers
-- for each question: what was granted, the time, and the counter's cells. What each question means is said in centre.ts.

local numbers = cmsgpack.unpack(ARGV[1])
local now, graceMs, questionCount, limitCount, limitsAt = unpack(numbers, 1, 5)
-- A frame without a time goes by Redis's own.
if now ~= now then now = serverNow end

local limits = readLimits(numbers, limitsAt, limitCount, now)

-- From now on this counter is one to keep.
local function keep(key)
  expiresAt[key] = expiresAt[key] or 0
end

local function charge(limit, key, units)
  keep(key)
  limit.algorithm.charge(cells, 3 * key - 3, limit, units, now, microseconds)
  return 0
end

local function take(limit, key, least, need, want, processes)
  local room = limit.quota - limit.algorithm.used(cells, 3 * key - 3, limit, now)
  if room < least then return 0 end
  local share = math.floor(room / (2 * processes))
  local granted = math.max(0, math.min(need, room), math.min(want, share))
  if granted > 0 then charge(limit, key, granted) end
  return granted
end

-- `settler` is the key that keeps the number of the sender's last settlement with this counter.
local function settle(limit, key, units, ticket, settler, number)
  if number <= tonumber(stored[settler] or 0) then return 0 end
  stored[settler] = number
  if units < 0 then keep(key) end
  if not expiresAt[key] then return 0 end
  local at, algorithm = 3 * key - 3, limit.algorithm
  algorithm.refund(cells, at, limit, units, ticket, now)
  call("SET", KEYS[settler], ("%.0f"):format(number), "PX", algorithm.resetMs(cells, at, limit, now) + graceMs)
  return 0
end

local operations = { take, charge, settle }

local answers = {}
for i = 1, questionCount do
  local operation, limitIndex, key, first, second, third, fourth = unpack(numbers, 7 * i - 1, 7 * i + 5)
  local limit = limits[limitIndex]
  advance(key, limit, now)
  local granted = operations[operation](limit, key, first, second, third, fourth)
  local at = 3 * key - 3
  answers[i] = pack("<ddddd", granted, now, cells[at + 1], cells[at + 2], cells[at + 3])
end

writeCounters(now, graceMs)
return table.concat(answers)

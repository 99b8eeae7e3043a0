-- Decides the requests of one tick. ARGV[1] is the frame that frame.ts writes; the answer is the verdicts in the order
-- of the claims, five numbers each. What an operation does is said by MemoryStore in core: this is its twin.

local numbers = cmsgpack.unpack(ARGV[1])
local now, graceMs, requestCount, limitCount, limitsAt = unpack(numbers, 1, 5)
-- A frame without a time goes by Redis's own.
if now ~= now then now = serverNow end

local limits = readLimits(numbers, limitsAt, limitCount, now)
local verdicts, verdictCount = {}, 0

-- The claims of the request at hand, one value in each for a claim.
local limitOf, keyOf, placeOf, costOf, waitOf = {}, {}, {}, {}, {}

local function charge(i, limit)
  local key = keyOf[i]
  expiresAt[key] = expiresAt[key] or 0
  return limit.algorithm.charge(cells, placeOf[i], limit, costOf[i], now, microseconds)
end

local function answer(i, limit, waitMs, retryAfterMs, ticket)
  local algorithm, place, at = limit.algorithm, placeOf[i], verdictCount * 5
  verdicts[at + 1] = waitMs == 0 and 1 or 0
  verdicts[at + 2] = algorithm.used(cells, place, limit, now)
  verdicts[at + 3] = algorithm.resetMs(cells, place, limit, now)
  verdicts[at + 4] = retryAfterMs
  verdicts[at + 5] = ticket
  verdictCount = verdictCount + 1
end

local NOT_CHARGED = -1

local function consume(count)
  local allowed = true
  for i = 1, count do
    if waitOf[i] > 0 and not limitOf[i].isShadow then allowed = false end
  end
  for i = 1, count do
    local limit, waitMs = limitOf[i], waitOf[i]
    if allowed and waitMs == 0 then
      answer(i, limit, 0, 0, charge(i, limit))
    elseif limit.countsRejected and waitMs ~= math.huge then
      local ticket = charge(i, limit)
      answer(i, limit, waitMs, limit.algorithm.wait(cells, placeOf[i], limit, costOf[i], now), ticket)
    else
      answer(i, limit, waitMs, waitMs, NOT_CHARGED)
    end
  end
end

local function peek(count)
  for i = 1, count do answer(i, limitOf[i], waitOf[i], waitOf[i], NOT_CHARGED) end
end

local function chargeAll(count)
  for i = 1, count do answer(i, limitOf[i], 0, 0, charge(i, limitOf[i])) end
end

-- The tickets follow the claims.
local function refund(count, at)
  for i = 1, count do
    local limit, ticket = limitOf[i], numbers[at + i - 1]
    if ticket ~= NOT_CHARGED and expiresAt[keyOf[i]] then
      limit.algorithm.refund(cells, placeOf[i], limit, costOf[i], ticket, now)
    end
    answer(i, limit, 0, 0, NOT_CHARGED)
  end
  return at + count
end

local operations = { consume, peek, chargeAll, refund }

local at = 6
for _ = 1, requestCount do
  local operation, count = numbers[at], numbers[at + 1]
  at = at + 2
  for i = 1, count do
    local limit, key, cost = limits[numbers[at]], numbers[at + 1], numbers[at + 2]
    local algorithm, place = limit.algorithm, 3 * key - 3
    advance(key, place, limit, algorithm, now)
    limitOf[i], keyOf[i], placeOf[i], costOf[i] = limit, key, place, cost
    waitOf[i] = algorithm.wait(cells, place, limit, cost, now)
    at = at + 3
  end
  at = operations[operation](count, at) or at
end

writeCounters(now, graceMs)

-- Lua's stack holds some 8000 values.
local packed = {}
for first = 1, #verdicts, 1000 do
  local last = math.min(first + 999, #verdicts)
  packed[#packed + 1] = struct.pack("<" .. ("d"):rep(last - first + 1), unpack(verdicts, first, last))
end
return table.concat(packed)

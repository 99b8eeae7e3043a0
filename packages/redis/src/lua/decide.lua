-- Decides the requests of one tick. The answer is the verdicts in the order of the claims, five numbers each. What an
-- operation does is said by MemoryStore in core: this is its twin. It is one loop, for in Lua what calls cost, and reaching
-- for variables of another function, is more than the decision itself.

local CONSUME, CHARGE, REFUND = 1, 3, 4
local NOT_CHARGED = -1
local NEVER = math.huge

local verdicts, verdictsEnd = {}, 0

-- The claims of the request at hand, one value in each for a claim.
local limitOf, rowOf, placeOf, costOf, waitOf = {}, {}, {}, {}, {}

local at = 6
for _ = 1, requestCount do
  local operation, count = numbers[at], numbers[at + 1]
  at = at + 2

  local isAllowed = true
  for i = 1, count do
    local limit, key, cost = limits[numbers[at]], numbers[at + 1], numbers[at + 2]
    local row = rows[key] or readRow(key, limit)
    local place = limit.place
    if row[place - 1] ~= limit.counterId then place = findPlace(row, limit) end
    if row[place] <= serverNow then begin(row, place, limit) end
    local waitMs = limit.wait(row, place, limit, cost, now)
    if waitMs > 0 and not limit.isShadow then isAllowed = false end
    limitOf[i], rowOf[i], placeOf[i], costOf[i], waitOf[i] = limit, row, place, cost, waitMs
    at = at + 3
  end

  for i = 1, count do
    local limit, row, place, cost, waitMs = limitOf[i], rowOf[i], placeOf[i], costOf[i], waitOf[i]
    local retryAfterMs, ticket = waitMs, NOT_CHARGED
    if operation == CONSUME then
      if isAllowed and waitMs == 0 then
        ticket = limit.charge(row, place, limit, cost, now, microseconds)
      elseif limit.countsRejected and waitMs ~= NEVER then
        ticket = limit.charge(row, place, limit, cost, now, microseconds)
        retryAfterMs = limit.wait(row, place, limit, cost, now)
      end
    elseif operation == CHARGE then
      ticket = limit.charge(row, place, limit, cost, now, microseconds)
      waitMs, retryAfterMs = 0, 0
    elseif operation == REFUND then
      -- The tickets follow the claims.
      local refunded = numbers[at]
      at = at + 1
      if refunded ~= NOT_CHARGED and row[place] > serverNow then
        limit.algorithm.refund(row, place, limit, cost, refunded, now)
      end
      waitMs, retryAfterMs = 0, 0
    end

    local used, resetMs = limit.state(row, place, limit, now)
    local expiry, needed = row[place], serverNow + resetMs
    if expiry < needed and (expiry > serverNow or ticket ~= NOT_CHARGED) then extend(row, place, needed) end
    verdicts[verdictsEnd + 1] = waitMs == 0 and 1 or 0
    verdicts[verdictsEnd + 2] = used
    verdicts[verdictsEnd + 3] = resetMs
    verdicts[verdictsEnd + 4] = retryAfterMs
    verdicts[verdictsEnd + 5] = ticket
    verdictsEnd = verdictsEnd + 5
  end
end

writeCounters()

return pack(formatOf(verdictsEnd), unpack(verdicts))

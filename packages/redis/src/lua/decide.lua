-- Decides the requests of one tick. They come in runs, of requests in a row that ask the same of different callers. The
-- answer is the verdicts in the order of the claims, four numbers each. What an operation does is said by MemoryStore in
-- core: this is its twin. It is one loop, for in Lua what calls cost, and reaching for variables of another function, is
-- more than the decision itself.

local CONSUME, CHARGE, REFUND = 1, 3, 4
local NOT_CHARGED = -1
local NEVER = math.huge

local verdicts, verdictsEnd = {}, 0

-- The claims of the request at hand, one value in each for a claim.
local limitOf, costOf, rowOf, placeOf, waitOf = {}, {}, {}, {}, {}

local at = 6
for _ = 1, partCount do
  local operation, requestCount, claimCount = numbers[at], numbers[at + 1], numbers[at + 2]
  at = at + 3
  for i = 1, claimCount do
    limitOf[i], costOf[i] = limits[numbers[at]], numbers[at + 1]
    at = at + 2
  end

  for _ = 1, requestCount do
    local isAllowed = true
    local limit, row, place, waitMs
    for i = 1, claimCount do
      local key = numbers[at]
      at = at + 1
      limit = limitOf[i]
      row = rows[key] or readRow(key, limit)
      place = limit.place
      if row[place - 1] ~= limit.counterId then place = findPlace(row, limit) end
      if row[place] <= serverNow then begin(row, place, limit) end
      waitMs = limit.wait(row, place, costOf[i])
      if waitMs > 0 and not limit.isShadow then isAllowed = false end
      -- Of a single claim they are still at hand below.
      if claimCount > 1 then rowOf[i], placeOf[i], waitOf[i] = row, place, waitMs end
    end

    for i = 1, claimCount do
      if claimCount > 1 then limit, row, place, waitMs = limitOf[i], rowOf[i], placeOf[i], waitOf[i] end
      local ticket, used, resetMs = NOT_CHARGED
      if operation == CONSUME then
        if isAllowed and waitMs == 0 then
          ticket, used, resetMs = limit.charge(row, place, costOf[i])
        elseif limit.countsRejected and waitMs ~= NEVER then
          ticket, used, resetMs = limit.charge(row, place, costOf[i])
          local laterMs = limit.wait(row, place, costOf[i])
          -- Below zero where this limit admits and another rejects.
          waitMs = waitMs == 0 and -laterMs or laterMs
        end
      elseif operation == CHARGE then
        ticket, used, resetMs = limit.charge(row, place, costOf[i])
        waitMs = 0
      elseif operation == REFUND then
        -- The tickets follow the keys.
        local refunded = numbers[at]
        at = at + 1
        if refunded ~= NOT_CHARGED and row[place] > serverNow then limit.refund(row, place, costOf[i], refunded) end
        waitMs = 0
      end
      if not used then used, resetMs = limit.state(row, place) end

      local expiry, needed = row[place], serverNow + resetMs
      if expiry < needed and (expiry > serverNow or ticket ~= NOT_CHARGED) then extend(row, place, needed) end
      verdicts[verdictsEnd + 1] = waitMs
      verdicts[verdictsEnd + 2] = used
      verdicts[verdictsEnd + 3] = resetMs
      verdicts[verdictsEnd + 4] = ticket
      verdictsEnd = verdictsEnd + 4
    end
  end
end

writeCounters()

return pack(formats[verdictsEnd], unpack(verdicts))

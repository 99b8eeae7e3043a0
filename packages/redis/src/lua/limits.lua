-- The limits that a frame tells, as tables; the other side of limit-numbers.ts. Its algorithm gives each limit the
-- functions of core's, bound to it and to now, since in Lua reaching for a field costs several times what a local does:
--
--   wait(cells, at, cost)            brings the counter up to date, and answers ms until the cost is admitted
--   charge(cells, at, cost)          answers the ticket, and what `state` would
--   refund(cells, at, cost, ticket)
--   state(cells, at)                 answers what is used, and ms until that is forgotten

-- A module is run when the first limit needs it: most calls need one.
local algorithms = {}
local function algorithmOfCode(code)
  algorithms[code] = algorithms[code] or modules[code]()
  return algorithms[code]
end

-- The first instants of a calendar's windows, from the one before that of `now` to the end of the last. Those after the
-- next one are there for clocks that go back.
local function readStarts(at, count)
  if count == 0 then return nil end
  local starts = { unpack(numbers, at, at + count - 1) }
  if now < starts[1] or now >= starts[4] then
    error("the clocks of this process and of Redis are more than a calendar window apart")
  end
  return starts
end

local limits = {}
local limitAt = limitsAt
for i = 1, limitCount do
  local startCount = numbers[limitAt + 8]
  local limit = {
    counterId = numbers[limitAt + 1],
    -- Where its counter was in the last row.
    place = 2,
    -- What the first cell holds while nothing has been charged.
    nothing = 0,
    quota = numbers[limitAt + 2],
    capacity = numbers[limitAt + 3],
    windowMs = numbers[limitAt + 4],
    isAligned = numbers[limitAt + 5] == 1,
    isShadow = numbers[limitAt + 6] == 1,
    countsRejected = numbers[limitAt + 7] == 1,
    starts = readStarts(limitAt + 9, startCount),
  }
  algorithmOfCode(numbers[limitAt])(limit, now, microseconds)
  limits[i] = limit
  limitAt = limitAt + 9 + startCount
end

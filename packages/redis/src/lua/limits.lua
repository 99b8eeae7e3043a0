-- The limits that a frame tells, as tables; the other side of limit-numbers.ts. Algorithms do what those of core do, in
-- fewer calls: `wait` brings a counter up to date first, and `state` answers what is used and when that is forgotten.

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
  local algorithm, startCount = algorithmOfCode(numbers[limitAt]), numbers[limitAt + 8]
  limits[i] = {
    algorithm = algorithm,
    wait = algorithm.wait,
    charge = algorithm.charge,
    state = algorithm.state,
    nothing = algorithm.nothing or 0,
    counterId = numbers[limitAt + 1],
    -- Where its counter was in the last row.
    place = 2,
    quota = numbers[limitAt + 2],
    capacity = numbers[limitAt + 3],
    windowMs = numbers[limitAt + 4],
    isAligned = numbers[limitAt + 5] == 1,
    isShadow = numbers[limitAt + 6] == 1,
    countsRejected = numbers[limitAt + 7] == 1,
    starts = readStarts(limitAt + 9, startCount),
  }
  limitAt = limitAt + 9 + startCount
end

-- The limits that a frame tells, as tables; the other side of limit-numbers.ts.

-- A module is run when the first limit needs it: most calls need one.
local algorithms = {}
local function algorithmOfCode(code)
  algorithms[code] = algorithms[code] or modules[code]()
  return algorithms[code]
end

-- The first instants of a calendar's windows, from the one before that of `now` to the end of the last. Those after the
-- next one are there for clocks that go back.
local function readStarts(numbers, at, count, now)
  if count == 0 then return nil end
  local starts = { unpack(numbers, at, at + count - 1) }
  if now < starts[1] or now >= starts[4] then
    error("the clocks of this process and of Redis are more than a calendar window apart")
  end
  return starts
end

-- Reads `count` limits from a place in a frame.
local function readLimits(numbers, at, count, now)
  local limits = {}
  for i = 1, count do
    local startCount = numbers[at + 7]
    limits[i] = {
      algorithm = algorithmOfCode(numbers[at]),
      quota = numbers[at + 1],
      capacity = numbers[at + 2],
      windowMs = numbers[at + 3],
      isAligned = numbers[at + 4] == 1,
      isShadow = numbers[at + 5] == 1,
      countsRejected = numbers[at + 6] == 1,
      starts = readStarts(numbers, at + 8, startCount, now),
    }
    at = at + 8 + startCount
  end
  return limits
end

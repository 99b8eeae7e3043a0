-- The twin of core/src/algorithms/fixed-window.ts, where the reasons are.

local START, USED = 1, 2

-- A calendar is the first instants of its windows, from the one before the current one on: Lua knows no time zones.
local function calendarStart(starts, instant)
  for i = #starts, 1, -1 do
    if starts[i] <= instant then return starts[i] end
  end
end

local function calendarEnd(starts, start)
  for i = 1, #starts do
    if starts[i] > start then return starts[i] end
  end
  return math.huge
end

local function windowStart(limit, now)
  if limit.starts then return calendarStart(limit.starts, now) end
  if limit.isAligned then return now - now % limit.windowMs end
  return now
end

local function windowEnd(limit, start)
  if limit.starts then return calendarEnd(limit.starts, start) end
  return start + limit.windowMs
end

return {
  advance = function(cells, at, limit, now)
    if cells[at + USED] == 0 then return end
    local start = cells[at + START]
    if now >= windowEnd(limit, start) then
      cells[at + USED] = 0
    elseif start - now > limit.windowMs then
      cells[at + START] = windowStart(limit, now)
    end
  end,

  wait = function(cells, at, limit, cost, now)
    if cost > limit.quota then return math.huge end
    if cells[at + USED] + cost <= limit.quota then return 0 end
    return windowEnd(limit, cells[at + START]) - now
  end,

  charge = function(cells, at, limit, cost, now)
    if cells[at + USED] == 0 then cells[at + START] = windowStart(limit, now) end
    cells[at + USED] = cells[at + USED] + cost
    return cells[at + START]
  end,

  refund = function(cells, at, _, cost, ticket)
    if cells[at + START] ~= ticket then return end
    cells[at + USED] = math.max(0, cells[at + USED] - cost)
  end,

  used = function(cells, at)
    return cells[at + USED]
  end,

  resetMs = function(cells, at, limit, now)
    if cells[at + USED] == 0 then return windowEnd(limit, windowStart(limit, now)) - now end
    return windowEnd(limit, cells[at + START]) - now
  end,
}

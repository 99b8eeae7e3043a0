-- The twin of core/src/algorithms/fixed-window.ts, where the reasons are. Cells: start, used.

local max, NEVER = math.max, math.huge

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
  return NEVER
end

local function startOf(limit, instant)
  if limit.starts then return calendarStart(limit.starts, instant) end
  if limit.isAligned then return instant - instant % limit.windowMs end
  return instant
end

return function(limit, now)
  local quota, windowMs, starts = limit.quota, limit.windowMs, limit.starts
  -- Of a window that opens now.
  local opening = startOf(limit, now)

  function limit.wait(cells, at, cost)
    local used = cells[at + 2]
    if used == 0 then return cost > quota and NEVER or 0 end

    local start = cells[at + 1]
    local finish = starts and calendarEnd(starts, start) or start + windowMs
    if now >= finish then
      used, cells[at + 2] = 0, 0
    elseif start - now > windowMs then
      cells[at + 1] = opening
      finish = starts and calendarEnd(starts, opening) or opening + windowMs
    end
    if cost > quota then return NEVER end
    return used + cost <= quota and 0 or finish - now
  end

  function limit.charge(cells, at, cost)
    local start, used = cells[at + 1], cells[at + 2]
    if used == 0 then
      start = opening
      cells[at + 1] = start
    end
    used = used + cost
    cells[at + 2] = used
    return start, used, (starts and calendarEnd(starts, start) or start + windowMs) - now
  end

  function limit.refund(cells, at, cost, ticket)
    if cells[at + 1] == ticket then cells[at + 2] = max(0, cells[at + 2] - cost) end
  end

  function limit.state(cells, at)
    local used = cells[at + 2]
    local start = used == 0 and opening or cells[at + 1]
    return used, (starts and calendarEnd(starts, start) or start + windowMs) - now
  end
end

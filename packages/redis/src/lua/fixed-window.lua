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

local function startOf(limit, now)
  if limit.starts then return calendarStart(limit.starts, now) end
  if limit.isAligned then return now - now % limit.windowMs end
  return now
end

return {
  wait = function(cells, at, limit, cost, now)
    local quota, used = limit.quota, cells[at + 2]
    if used == 0 then return cost > quota and NEVER or 0 end

    local start, starts = cells[at + 1], limit.starts
    local finish = starts and calendarEnd(starts, start) or start + limit.windowMs
    if now >= finish then
      used, cells[at + 2] = 0, 0
    elseif start - now > limit.windowMs then
      start = startOf(limit, now)
      cells[at + 1] = start
      finish = starts and calendarEnd(starts, start) or start + limit.windowMs
    end
    if cost > quota then return NEVER end
    return used + cost <= quota and 0 or finish - now
  end,

  charge = function(cells, at, limit, cost, now)
    local start, used = cells[at + 1], cells[at + 2]
    if used == 0 then
      start = startOf(limit, now)
      cells[at + 1] = start
    end
    cells[at + 2] = used + cost
    return start
  end,

  refund = function(cells, at, _, cost, ticket)
    if cells[at + 1] == ticket then cells[at + 2] = max(0, cells[at + 2] - cost) end
  end,

  state = function(cells, at, limit, now)
    local used, starts = cells[at + 2], limit.starts
    local start = used == 0 and startOf(limit, now) or cells[at + 1]
    return used, (starts and calendarEnd(starts, start) or start + limit.windowMs) - now
  end,
}

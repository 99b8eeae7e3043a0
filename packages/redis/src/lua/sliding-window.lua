-- The twin of core/src/algorithms/sliding-window.ts, where the reasons are. Cells: start, current, previous.

local max, min, floor, ceil, NEVER = math.max, math.min, math.floor, math.ceil, math.huge

local function elapsedUntil(previous, room, windowMs)
  if previous <= room then return 0 end
  return windowMs - floor((room * windowMs) / previous)
end

return function(limit, now)
  local quota, windowMs = limit.quota, limit.windowMs
  local latest = now - now % windowMs

  local function enter(cells, at)
    local start, current = cells[at + 1], cells[at + 2]
    if latest > start then
      cells[at + 1], cells[at + 2], cells[at + 3] = latest, 0, latest - start == windowMs and current or 0
    elseif start - now > windowMs then
      cells[at + 1], cells[at + 2], cells[at + 3] = latest, max(current, min(current + cells[at + 3], quota)), 0
    end
  end

  function limit.wait(cells, at, cost)
    if latest ~= cells[at + 1] then enter(cells, at) end
    if cost > quota then return NEVER end

    local start, current, previous = cells[at + 1], cells[at + 2], cells[at + 3]
    local room = quota - current - cost
    if room < 0 then return start + windowMs + elapsedUntil(current, quota - cost, windowMs) - now end
    if previous <= room then return 0 end
    local needed = elapsedUntil(previous, room, windowMs)
    return needed <= max(0, now - start) and 0 or start + needed - now
  end

  function limit.state(cells, at)
    local start, current, previous = cells[at + 1], cells[at + 2], cells[at + 3]
    local covered = previous == 0 and 0 or ceil((previous * (windowMs - max(0, now - start))) / windowMs)
    return current + covered, start + (current > 0 and 2 or 1) * windowMs - now
  end

  function limit.charge(cells, at, cost)
    cells[at + 2] = cells[at + 2] + cost
    return cells[at + 1], limit.state(cells, at)
  end

  function limit.refund(cells, at, cost, ticket)
    local age = cells[at + 1] - ticket
    if age == 0 then
      cells[at + 2] = max(0, cells[at + 2] - cost)
    elseif age == windowMs then
      cells[at + 3] = max(0, cells[at + 3] - cost)
    end
  end
end

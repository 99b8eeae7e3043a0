-- The twin of core/src/algorithms/sliding-window.ts, where the reasons are.

local START, CURRENT, PREVIOUS = 1, 2, 3

local function elapsed(cells, at, now)
  return math.max(0, now - cells[at + START])
end

local function elapsedUntil(previous, room, windowMs)
  if previous <= room then return 0 end
  return windowMs - math.floor((room * windowMs) / previous)
end

return {
  advance = function(cells, at, limit, now)
    local windowMs = limit.windowMs
    local start = cells[at + START]
    local latest = now - now % windowMs
    if latest == start then return end
    if latest > start then
      cells[at + PREVIOUS] = latest - start == windowMs and cells[at + CURRENT] or 0
      cells[at + CURRENT] = 0
      cells[at + START] = latest
    elseif start - now > windowMs then
      local current = cells[at + CURRENT]
      cells[at + CURRENT] = math.max(current, math.min(current + cells[at + PREVIOUS], limit.quota))
      cells[at + PREVIOUS] = 0
      cells[at + START] = latest
    end
  end,

  wait = function(cells, at, limit, cost, now)
    local quota, windowMs = limit.quota, limit.windowMs
    if cost > quota then return math.huge end
    local start, current = cells[at + START], cells[at + CURRENT]
    local room = quota - current - cost
    if room >= 0 then
      local needed = elapsedUntil(cells[at + PREVIOUS], room, windowMs)
      if needed <= elapsed(cells, at, now) then return 0 end
      return start + needed - now
    end
    return start + windowMs + elapsedUntil(current, quota - cost, windowMs) - now
  end,

  charge = function(cells, at, _, cost)
    cells[at + CURRENT] = cells[at + CURRENT] + cost
    return cells[at + START]
  end,

  refund = function(cells, at, limit, cost, ticket)
    local age = cells[at + START] - ticket
    if age == 0 then
      cells[at + CURRENT] = math.max(0, cells[at + CURRENT] - cost)
    elseif age == limit.windowMs then
      cells[at + PREVIOUS] = math.max(0, cells[at + PREVIOUS] - cost)
    end
  end,

  used = function(cells, at, limit, now)
    local stillCovered = limit.windowMs - elapsed(cells, at, now)
    return cells[at + CURRENT] + math.ceil((cells[at + PREVIOUS] * stillCovered) / limit.windowMs)
  end,

  resetMs = function(cells, at, limit, now)
    local windows = cells[at + CURRENT] > 0 and 2 or 1
    return cells[at + START] + windows * limit.windowMs - now
  end,
}

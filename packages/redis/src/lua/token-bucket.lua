-- The twin of core/src/algorithms/token-bucket.ts, where the reasons are. Cells: missing, updatedAt, window.

local max, min, ceil, NEVER = math.max, math.min, math.ceil, math.huge

local MOST_MISSING = 2 ^ 52

return function(limit, now)
  local quota, capacity, windowMs = limit.quota, limit.capacity, limit.windowMs

  local function advance(cells, at)
    local missing, window = cells[at + 1], cells[at + 3]
    if missing == 0 then
      cells[at + 2], cells[at + 3] = now, windowMs
      return
    end
    if window ~= windowMs then
      missing = min(MOST_MISSING, ceil((missing / window) * windowMs))
      cells[at + 1], cells[at + 3] = missing, windowMs
    end
    local elapsed = now - cells[at + 2]
    if elapsed > 0 then
      cells[at + 1], cells[at + 2] = max(0, missing - elapsed * quota), now
    elseif -elapsed > windowMs then
      cells[at + 2] = now
    end
  end

  function limit.wait(cells, at, cost)
    advance(cells, at)
    if cost > capacity then return NEVER end
    local lacking = cells[at + 1] + (cost - capacity) * windowMs
    if lacking <= 0 then return 0 end
    return ceil(lacking / quota) + cells[at + 2] - now
  end

  function limit.state(cells, at)
    local missing = cells[at + 1]
    if missing == 0 then return 0, 0 end
    return ceil(missing / windowMs), ceil(missing / quota) + cells[at + 2] - now
  end

  function limit.charge(cells, at, cost)
    cells[at + 1] = min(MOST_MISSING, cells[at + 1] + cost * windowMs)
    return cells[at + 2], limit.state(cells, at)
  end

  function limit.refund(cells, at, cost, ticket)
    local gained = (cells[at + 2] - ticket) * quota
    if gained < 0 then return end
    local owed = max(0, cost * windowMs - gained)
    cells[at + 1] = max(0, cells[at + 1] - owed)
  end
end

-- AlterTable
ALTER TABLE "client" ADD COLUMN "allowed_at" BIGINT;
ALTER TABLE "client" ADD COLUMN "changed_at" BIGINT;
ALTER TABLE "client" ADD COLUMN "previous_payload" TEXT;

-- AlterTable
ALTER TABLE "refresh_family" ADD COLUMN "address" TEXT;

-- AlterTable
ALTER TABLE "protocol_grant" ADD COLUMN "address" TEXT;
ALTER TABLE "protocol_grant" ADD COLUMN "paused_at" BIGINT;

-- AlterTable
ALTER TABLE "browser_session" ADD COLUMN "address" TEXT;
ALTER TABLE "browser_session" ADD COLUMN "device" TEXT;

-- CreateTable
CREATE TABLE "account_link" (
    "digest" TEXT NOT NULL PRIMARY KEY,
    "purpose" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "resource_member" (
    "resource_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,

    PRIMARY KEY ("resource_id", "account_id"),
    CONSTRAINT "resource_member_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "client_logo" (
    "client_id" TEXT NOT NULL PRIMARY KEY,
    "uri" TEXT NOT NULL,
    "png" BLOB,
    "fetched_at" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "client_approval" (
    "client_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "asked_at" BIGINT NOT NULL,
    "decided_at" BIGINT,

    PRIMARY KEY ("client_id", "account_id")
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_resource" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "identifier" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_lifetime_seconds" INTEGER NOT NULL,
    "signing_alg" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "access" TEXT NOT NULL DEFAULT 'everyone',
    "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL
);
INSERT INTO "new_resource" ("created_at", "id", "identifier", "name", "origin", "signing_alg", "token_lifetime_seconds", "updated_at") SELECT "created_at", "id", "identifier", "name", "origin", "signing_alg", "token_lifetime_seconds", "updated_at" FROM "resource";
DROP TABLE "resource";
ALTER TABLE "new_resource" RENAME TO "resource";
CREATE UNIQUE INDEX "resource_identifier_key" ON "resource"("identifier");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "account_link_account_id_idx" ON "account_link"("account_id");

-- CreateIndex
CREATE INDEX "account_link_expires_at_idx" ON "account_link"("expires_at");

-- CreateIndex
CREATE INDEX "resource_member_account_id_idx" ON "resource_member"("account_id");

-- CreateIndex
CREATE INDEX "client_approval_state_asked_at_idx" ON "client_approval"("state", "asked_at");

-- CreateIndex
CREATE INDEX "client_software_id_idx" ON "client"("software_id");

-- CreateIndex
CREATE INDEX "consent_resource_id_idx" ON "consent"("resource_id");

-- CreateIndex
CREATE INDEX "consent_granted_at_idx" ON "consent"("granted_at");
